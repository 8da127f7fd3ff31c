//! `wharf completion`.

use clap_complete::Shell;

use super::context::Context;
use super::failure::Result;

/// Print a completion script for a shell
///
/// To load it into a running bash: `source <(wharf completion bash)`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Shell the script is for
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script.
pub fn run(args: &Args, cx: &mut Context) -> Result {
    cx.ui.out(&script(args.shell))?;
    Ok(())
}

/// The completion script for `shell`.
pub fn script(shell: Shell) -> String {
    let mut out = vec![];
    clap_complete::generate(shell, &mut super::command(), "wharf", &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
