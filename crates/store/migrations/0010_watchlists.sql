-- Watchlists: public lists of people and businesses that an operator loaded, for all environments of an organization.
-- What they hold was published by authorities; it is no personal data of customers, so it stands in the clear.
CREATE TABLE watchlists (
    organization_id {text} NOT NULL,
    slug {text} NOT NULL,
    -- Name, address, country of the publisher, types, as JSON.
    about {text} NOT NULL,
    -- The version that is asked.
    version_id {text} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, slug)
) {clustered};

-- Every import of a list. The rows stay when their blocks go: reports name the version they asked.
CREATE TABLE watchlist_versions (
    organization_id {text} NOT NULL,
    id {text} NOT NULL,
    slug {text} NOT NULL,
    -- loading, current, replaced, or abandoned: it never ended and is being erased.
    status {text} NOT NULL,
    -- Where it came from and in which format.
    source {text} NOT NULL,
    -- What its entities say, in their order: hexadecimal SHA-256; empty while it loads.
    digest {text} NOT NULL,
    entities BIGINT NOT NULL,
    names BIGINT NOT NULL,
    -- How many blocks are there.
    blocks BIGINT NOT NULL,
    imported_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX watchlist_versions_of_list ON watchlist_versions (organization_id, slug, id);

-- The entities of a version, some hundred to a block, compressed. Not clustered: blocks are few and large.
CREATE TABLE watchlist_blocks (
    organization_id {text} NOT NULL,
    version_id {text} NOT NULL,
    number BIGINT NOT NULL,
    entities BYTEA NOT NULL,
    PRIMARY KEY (organization_id, version_id, number)
);
