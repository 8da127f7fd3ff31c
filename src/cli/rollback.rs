//! `wharf rollback`.

use super::context::Context;
use super::failure::{Failure, Result};
use super::{ask, global};
use crate::ops;
use crate::ui::prompt::Question;

/// Deploy an earlier release of a service again: its template, its settings and its images
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    /// The release, as `wharf svc releases` lists it; without it the one before the current one
    #[arg(long, value_name = "RELEASE", value_parser = release)]
    to: Option<String>,
    /// Don't ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    change: global::Change,
}

/// An id of a release, or the beginning of one.
fn release(text: &str) -> std::result::Result<String, String> {
    let fits = (4..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if fits {
        return Ok(text.to_ascii_lowercase());
    }
    Err("a release is named by 4 to 10 hexadecimal digits; `wharf svc releases` lists them".to_owned())
}

/// Says what it would do, asks, deploys.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let (app, name, env) = ask::released(cx, args.service).await?;
    let mut options = ops::service::Rollback { app, name, env, to: args.to, change: args.change.into() };
    if !args.yes {
        let (release, text) = ops::service::rollback_preview(&cx.session, &options).await?;
        if !cx.ui.confirm(Question { text: &text, flag: "--yes", help: "" }, true)? {
            return Err(Failure::user("nothing was rolled back"));
        }
        // What was agreed to, whatever is deployed meanwhile.
        options.to = Some(release.id);
    }
    let report = ops::service::rollback(&cx.session, &options).await?;
    cx.tell(&report)
}
