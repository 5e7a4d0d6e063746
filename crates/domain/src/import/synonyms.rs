//! This file is a table: what people call the columns that Muster knows by other names.
//!
//! Names stand here without case, spaces and punctuation; see [`squeezed`].

/// Names of the reference ID.
pub(super) const REFERENCE_ID: [&str; 11] = [
    "referenceid",
    "reference",
    "externalid",
    "externalreference",
    "customerid",
    "customerreference",
    "clientid",
    "memberid",
    "userid",
    "recordid",
    "id",
];

/// Names of the tags.
pub(super) const TAGS: [&str; 3] = ["tags", "tag", "labels"];

/// Names of the status.
pub(super) const STATUS: [&str; 2] = ["accountstatus", "status"];

/// Names of system fields by their paths.
pub(super) const FIELDS: [(&str, &[&str]); 12] = [
    ("name.first", &["firstname", "givenname", "givennames", "forename", "forenames", "fname", "first"]),
    ("name.middle", &["middlename", "middlenames", "middleinitial", "secondname", "middle"]),
    ("name.last", &["lastname", "surname", "familyname", "lname", "last"]),
    ("birthdate", &["dateofbirth", "dob", "birthday", "birthdate", "birth", "bday"]),
    (
        "phone_number",
        &["phone", "phoneno", "telephone", "telephonenumber", "tel", "mobile", "mobilephone", "cellphone"],
    ),
    ("email_address", &["email", "emailaddress", "mail"]),
    ("social_security_number", &["ssn", "socialsecurity", "socialsecurityno"]),
    ("address.street_1", &["street", "street1", "streetaddress", "addressline1", "address1"]),
    ("address.street_2", &["street2", "addressline2", "address2", "apartment", "suite"]),
    ("address.city", &["city", "town", "locality"]),
    ("address.subdivision", &["state", "province", "region", "stateorprovince", "subdivision"]),
    ("address.postal_code", &["postalcode", "postcode", "zip", "zipcode", "plz"]),
];

/// Names of the country, whose value has to be a code.
pub(super) const COUNTRY: [&str; 3] = ["countrycode", "country", "countryiso"];

/// A name without case, spaces and punctuation: `First Name`, `first_name` and `firstName` are one.
pub(super) fn squeezed(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
