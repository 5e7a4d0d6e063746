-- Files that were given to fields.

-- Not clustered: contents are large, and a list of an account's files must not read them.
CREATE TABLE files (
    environment_id {text} NOT NULL,
    id {text} NOT NULL,
    account_id {text} NOT NULL,
    -- The key of the field it was given to.
    key {text} NOT NULL,
    -- Name, media type and the key of the content, sealed under the data key of the account. Null once erased.
    header BYTEA,
    -- Sealed under a key of its own, which stands in the header. Null once erased.
    content BYTEA,
    -- Bytes of the content in the clear.
    byte_size BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, id)
);

CREATE INDEX files_by_account ON files (environment_id, account_id, id);
