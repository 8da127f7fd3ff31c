//! `wharf svc pause`.

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::{ask, global};
use crate::ops;
use crate::ui::Question;

/// Stop a Request-Driven Web Service until it is resumed
///
/// Its instances stop, nobody reaches it, and it costs nothing. A service on ECS stops by `count: 0` in its manifest.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    /// Pause without asking
    #[arg(short, long)]
    yes: bool,
}

/// Asks, then pauses. A "no" ends with exit code 1.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let (app, name, env) = ask::deployed(cx, "pause", args.service).await?;
    if !args.yes {
        let text = format!("Pause {name} in {env}? Nobody reaches it then.");
        if !cx.ui.confirm(Question { text: &text, flag: "--yes", help: "" }, false)? {
            return Err(Failure::user("nothing was paused"));
        }
    }
    let paused = ops::service::pause(&cx.session, &app, &name, &env).await?;
    cx.tell(&paused)
}
