-- Inquiries, sessions, one-time links, verifications, documents, selfies, reports: one table for all of them
-- (ADR 0012). Clear columns hold what is looked for and nothing personal; `state` is the whole object, sealed.
CREATE TABLE records (
    environment_id {text} NOT NULL,
    -- Its prefix tells the kind, so one kind is a range of the primary key.
    id {text} NOT NULL,
    -- The kind, such as `inquiry`, and below it what sort of it, such as `watchlist`; empty where there is none.
    kind {text} NOT NULL,
    variant {text} NOT NULL,
    -- The inquiry that it belongs to.
    parent_id {text},
    account_id {text},
    template_id {text},
    status {text} NOT NULL,
    -- What else it is found by: a hash or a blind index, 16 bytes.
    lookup BYTEA,
    -- Whose data key seals it: its own, or its inquiry's or verification's.
    subject_id {text} NOT NULL,
    -- object_seq of its newest event.
    version BIGINT NOT NULL,
    state BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, id)
);

CREATE INDEX records_by_parent ON records (environment_id, parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX records_by_account ON records (environment_id, account_id, id) WHERE account_id IS NOT NULL;
CREATE INDEX records_by_template ON records (environment_id, template_id, status, id) WHERE template_id IS NOT NULL;
CREATE INDEX records_by_status ON records (environment_id, kind, status, id);
CREATE INDEX records_by_update ON records (environment_id, kind, updated_at, id);
-- Starts with what is looked for: the code of a one-time link tells its environment.
CREATE INDEX records_by_lookup ON records (lookup, environment_id, id) WHERE lookup IS NOT NULL;

-- A file belongs to an account or to a verification.
ALTER TABLE files RENAME COLUMN account_id TO owner_id;
