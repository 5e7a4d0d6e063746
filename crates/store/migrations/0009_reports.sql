-- Report templates: how reports of a kind are run. Nothing personal.
CREATE TABLE report_templates (
    organization_id {text} NOT NULL,
    id {text} NOT NULL,
    kind {text} NOT NULL,
    name {text} NOT NULL,
    -- The name folded.
    name_key {text} NOT NULL,
    -- Whether reports that name only a kind use it: one per kind.
    is_default BOOLEAN NOT NULL,
    -- How often it was changed, plus one.
    revision BIGINT NOT NULL,
    -- How its reports are run, as JSON; what is left out takes its default.
    definition {text} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE UNIQUE INDEX report_templates_by_name ON report_templates (organization_id, name_key);
CREATE UNIQUE INDEX report_templates_default ON report_templates (organization_id, kind) WHERE is_default;

-- Organizations that are there already get the default templates too, which a new one is created with. Their IDs are
-- made of that of the organization: two characters of its random end tell the kind.
INSERT INTO report_templates
    (organization_id, id, kind, name, name_key, is_default, revision, definition, created_at, updated_at)
SELECT o.id, 'rptp_' || substr(o.id, 5, 22) || k.code, k.kind, k.name, k.name_key, true, 1, '{}', o.created_at,
    o.created_at
FROM organizations o
CROSS JOIN (
    SELECT 'WA' AS code, 'address-lookup' AS kind, 'Address Lookup' AS name, 'address lookup' AS name_key
    UNION ALL SELECT 'WB', 'adverse-media', 'Adverse Media', 'adverse media'
    UNION ALL SELECT 'WC', 'business-adverse-media', 'Business Adverse Media', 'business adverse media'
    UNION ALL SELECT 'WD', 'business-associated-persons', 'Business Associated Persons', 'business associated persons'
    UNION ALL SELECT 'WE', 'business-lookup', 'Business Lookup', 'business lookup'
    UNION ALL SELECT 'WF', 'business-registrations-lookup', 'Business Registrations Lookup', 'business registrations lookup'
    UNION ALL SELECT 'WG', 'business-watchlist', 'Business Watchlist', 'business watchlist'
    UNION ALL SELECT 'WH', 'crypto-address-watchlist', 'Crypto Address Watchlist', 'crypto address watchlist'
    UNION ALL SELECT 'WJ', 'email-address', 'Email Address', 'email address'
    UNION ALL SELECT 'WK', 'phone-number', 'Phone Number', 'phone number'
    UNION ALL SELECT 'WL', 'politically-exposed-person', 'Politically Exposed Person', 'politically exposed person'
    UNION ALL SELECT 'WM', 'profile', 'Profile', 'profile'
    UNION ALL SELECT 'WN', 'profile-non-authoritative', 'Profile Non Authoritative', 'profile non authoritative'
    UNION ALL SELECT 'WP', 'social-media', 'Social Media', 'social media'
    UNION ALL SELECT 'WQ', 'synthetic', 'Synthetic', 'synthetic'
    UNION ALL SELECT 'WR', 'watchlist', 'Watchlist', 'watchlist'
) k;
