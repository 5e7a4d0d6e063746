-- Organizations, environments, keys, types, accounts, events.
-- {text}: text that compares bytewise; {clustered}: rows live in their primary key (see dialect.rs).

CREATE TABLE organizations (
    id {text} NOT NULL PRIMARY KEY,
    name {text} NOT NULL,
    -- Grows with every change of the organization's types (by 2^32) and tags (by 1): caches compare it.
    catalog_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL
) {clustered};

CREATE TABLE environments (
    id {text} NOT NULL PRIMARY KEY,
    organization_id {text} NOT NULL,
    kind {text} NOT NULL,
    name {text} NOT NULL,
    active BOOLEAN NOT NULL,
    -- Key of the blind indexes, wrapped by the master key.
    index_key BYTEA NOT NULL,
    created_at BIGINT NOT NULL
) {clustered};

CREATE INDEX environments_by_organization ON environments (organization_id, id);

CREATE TABLE api_keys (
    environment_id {text} NOT NULL,
    id {text} NOT NULL,
    name {text} NOT NULL,
    secret_hash BYTEA NOT NULL,
    -- JSON list of scopes; null = unrestricted.
    permissions {text},
    -- JSON list of addresses.
    ip_allowlist {text} NOT NULL,
    api_version {text} NOT NULL,
    inflection {text} NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, id)
) {clustered};

CREATE INDEX api_keys_by_secret ON api_keys (secret_hash);

CREATE TABLE account_types (
    organization_id {text} NOT NULL,
    id {text} NOT NULL,
    name_key {text} NOT NULL,
    definition {text} NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE UNIQUE INDEX account_types_by_name ON account_types (organization_id, name_key);

CREATE TABLE tags (
    organization_id {text} NOT NULL,
    id {text} NOT NULL,
    name {text} NOT NULL,
    name_key {text} NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
) {clustered};

CREATE UNIQUE INDEX tags_by_name ON tags (organization_id, name_key);

-- One data key per subject, wrapped by the master key. Redaction empties `wrapped`.
CREATE TABLE data_keys (
    environment_id {text} NOT NULL,
    subject_id {text} NOT NULL,
    wrapped BYTEA,
    PRIMARY KEY (environment_id, subject_id)
) {clustered};

CREATE TABLE accounts (
    environment_id {text} NOT NULL,
    id {text} NOT NULL,
    account_type_id {text} NOT NULL,
    status_id {text} NOT NULL,
    reference_id {text},
    -- IDs of the tags, in the order they were given, separated by spaces.
    tags {text} NOT NULL,
    -- Field values, sealed under the data key of the account.
    fields BYTEA NOT NULL,
    -- object_seq of the newest event.
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    redacted_at BIGINT,
    archived_at BIGINT,
    consolidated_into {text},
    PRIMARY KEY (environment_id, id)
);

-- All that must be unique for an account: the reference ID (folded UTF-8) and unique identifiers
-- (blind index, 16 bytes).
CREATE TABLE identifiers (
    environment_id {text} NOT NULL,
    account_type_id {text} NOT NULL,
    key {text} NOT NULL,
    value BYTEA NOT NULL,
    account_id {text} NOT NULL,
    PRIMARY KEY (environment_id, account_type_id, key, value)
) {clustered};

-- Identifiers that need not be unique (blind index, 16 bytes).
CREATE TABLE field_index (
    environment_id {text} NOT NULL,
    account_type_id {text} NOT NULL,
    key {text} NOT NULL,
    value BYTEA NOT NULL,
    account_id {text} NOT NULL,
    PRIMARY KEY (environment_id, account_type_id, key, value, account_id)
) {clustered};

CREATE TABLE events (
    environment_id {text} NOT NULL,
    id {text} NOT NULL,
    object_id {text} NOT NULL,
    object_seq BIGINT NOT NULL,
    name {text} NOT NULL,
    actor {text} NOT NULL,
    source {text} NOT NULL,
    at BIGINT NOT NULL,
    -- What changed, sealed under the data key of the object; null where nothing is to be told.
    payload BYTEA,
    PRIMARY KEY (environment_id, id)
) {clustered};

CREATE UNIQUE INDEX events_by_object ON events (environment_id, object_id, object_seq);
CREATE INDEX events_by_name ON events (environment_id, name, id);

-- Not clustered: the keys are random, and a body in their B-tree would dirty a page of its own each.
CREATE TABLE idempotency_keys (
    environment_id {text} NOT NULL,
    -- First 16 bytes of SHA-256 of the key.
    key BYTEA NOT NULL,
    -- First 16 bytes of SHA-256 of method, path, query and body.
    fingerprint BYTEA NOT NULL,
    status BIGINT NOT NULL,
    -- The reply, sealed under the data key of `subject_id`, or of the environment where that is null.
    subject_id {text},
    body BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, key)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (environment_id, created_at);
