-- What accounts are searched by.

-- The blind index (16 bytes) of every searchable value that is not a unique identifier. It is made under a key
-- of the environment, the account type and the field: none of these need stand beside it. Environments that had
-- accounts are indexed anew (`search_backlog`).
DROP TABLE field_index;

CREATE TABLE field_index (
    environment_id {text} NOT NULL,
    value BYTEA NOT NULL,
    account_id {text} NOT NULL,
    PRIMARY KEY (environment_id, value, account_id)
) {clustered};

-- Clear copies of values whose field schema says `ordered`: a byte for the kind, then bytes that compare as the
-- values do (texts folded and cut to 256 bytes). Personal data only where the customer has opted in.
CREATE TABLE ordered_index (
    environment_id {text} NOT NULL,
    account_type_id {text} NOT NULL,
    key {text} NOT NULL,
    value BYTEA NOT NULL,
    account_id {text} NOT NULL,
    PRIMARY KEY (environment_id, account_type_id, key, value, account_id)
) {clustered};

-- A status belongs to one type.
CREATE INDEX accounts_by_status ON accounts (environment_id, status_id, id);
CREATE INDEX accounts_by_update ON accounts (environment_id, updated_at, id);

-- Environments with accounts from before there was search, and how far indexing them has come.
CREATE TABLE search_backlog (
    environment_id {text} NOT NULL PRIMARY KEY,
    -- The last account that is indexed; empty before the first.
    after_id {text} NOT NULL
) {clustered};

INSERT INTO search_backlog (environment_id, after_id) SELECT id, '' FROM environments;
