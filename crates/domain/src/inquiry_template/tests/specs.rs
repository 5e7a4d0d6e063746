//! What authors write, and what is wrong with it.

use super::*;

#[test]
fn the_demo_reads_writes_and_is_stored_unchanged() {
    let spec = InquiryTemplateSpec::from_toml(DEMO).unwrap();
    let demo = demo();
    assert_eq!(Definition::from_json(&demo.to_json()).as_ref(), Some(&demo));
    let types = types();
    let name_of = |id: &AccountTypeId| types.iter().find(|ty| ty.id == *id).map(|ty| ty.name.clone());
    let written = demo.to_spec(&spec.head().unwrap(), &name_of);
    let read = InquiryTemplateSpec::from_toml(&written.to_toml()).unwrap();
    assert_eq!(read, written, "{}", written.to_toml());
    assert_eq!(InquiryTemplateSpec::from_value(&written.to_value()).unwrap(), written);
    assert_eq!(create(&read).unwrap(), demo);
}
