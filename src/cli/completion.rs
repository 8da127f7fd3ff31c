//! `wharf completion`.

use clap_complete::Shell;

use super::context::Context;
use super::failure::Result;

/// Print a completion script for a shell
///
/// The packages of `completions/` hold the same scripts. To load one in the running shell:
/// `source <(wharf completion bash)`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The shell
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
