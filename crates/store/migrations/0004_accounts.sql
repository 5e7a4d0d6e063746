-- Relations, consolidations, redaction, jobs.

-- One row per direction of a relation.
CREATE TABLE account_relations (
    environment_id {text} NOT NULL,
    account_id {text} NOT NULL,
    key {text} NOT NULL,
    target_id {text} NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, account_id, key, target_id)
) {clustered};

CREATE INDEX account_relations_by_target ON account_relations (environment_id, target_id, account_id, key);

-- What it takes to undo a consolidation.
CREATE TABLE consolidations (
    environment_id {text} NOT NULL,
    source_id {text} NOT NULL,
    destination_id {text} NOT NULL,
    -- Relations that were moved, as JSON: IDs and keys only, nothing personal.
    moved {text} NOT NULL,
    -- Field values that were taken over, sealed under the data key of the destination.
    fields BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, source_id)
) {clustered};

CREATE INDEX consolidations_by_destination ON consolidations (environment_id, destination_id, source_id);

-- When redaction put a new key in the place of the old one: what the old one sealed is gone.
ALTER TABLE data_keys ADD COLUMN renewed_at BIGINT;

-- Work that goes on after the request that caused it. A finished job leaves; a failed one stays.
CREATE TABLE jobs (
    environment_id {text} NOT NULL,
    id {text} NOT NULL,
    kind {text} NOT NULL,
    -- What it is about: at most one job of a kind for each.
    subject_id {text} NOT NULL,
    -- How far it is; nothing personal.
    state {text} NOT NULL,
    -- When it is to run, or, while it runs, when somebody else may take it over; null when it failed for good.
    due_at BIGINT,
    -- How often it was claimed.
    attempts BIGINT NOT NULL,
    -- How often it failed since it last got on, and why.
    failures BIGINT NOT NULL,
    failure {text},
    created_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, id)
) {clustered};

CREATE UNIQUE INDEX jobs_by_subject ON jobs (environment_id, kind, subject_id);
CREATE INDEX jobs_by_due ON jobs (due_at, environment_id, id);
