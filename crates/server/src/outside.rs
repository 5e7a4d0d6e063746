//! What lies outside, as the configuration has it: a mail server, a hook that answers for providers, and
//! where files to be imported lie.

mod addresses;
mod files;
mod hook;
mod mail;
mod signature;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use muster_app::Clock;
use muster_app::outside::{Files, Mail, Outside, Providers, TextMessages};

use crate::config::imports::ImportConfig;
use crate::config::outside::OutsideConfig;
use crate::output::Failure;

/// Makes what is configured ready. Nothing is connected to yet.
///
/// # Errors
/// Names the setting that cannot be used.
pub fn connect((config, imports): (&OutsideConfig, &ImportConfig), clock: Clock) -> Result<Outside, Failure> {
    let mut outside = Outside::default();
    if let Some(config) = &config.mail {
        let mail: Arc<dyn Mail> = Arc::new(mail::Smtp::new(config)?);
        outside.mail = Some(mail);
    }
    if let Some(config) = &config.provider {
        let hook = Arc::new(hook::Hook::new(config, clock));
        if hook.knows(hook::TEXT_MESSAGE) {
            let text_messages: Arc<dyn TextMessages> = Arc::clone(&hook) as Arc<dyn TextMessages>;
            outside.text_messages = Some(text_messages);
        }
        let providers: Arc<dyn Providers> = hook;
        outside.providers = Some(providers);
    }
    if imports.is_any() {
        let files: Arc<dyn Files> = Arc::new(files::Allowed::new(imports));
        outside.files = Some(files);
    }
    Ok(outside)
}
