//! Recorded deployments (`tests/events/*.jsonl`, in the form `deploy --json` writes) replayed into the displays.

use wharf::event::Record;
use wharf::ui::progress::json;
use wharf::ui::progress::lines::Lines;
use wharf::ui::progress::state::View;
use wharf::ui::progress::tree::{self, Frame};
use wharf::ui::style::Style;
use wharf::ui::text;

const RECORDINGS: [&str; 8] =
    ["build_push", "create", "update", "failing", "canary", "linear", "blue_green_alarm", "express"];

const PLAIN: Style = Style { colour: false, unicode: true };
const COLOUR: Style = Style { colour: true, unicode: true };

fn recorded(name: &str) -> Vec<Record> {
    let path = format!("{}/tests/events/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the recording is there");
    text.lines().map(|line| json::parse(line).expect("a line is a record")).collect()
}

/// The frame that shows `seconds` after the beginning; the last one when all is over.
fn frame(records: &[Record], seconds: i64, width: usize, height: Option<usize>, style: Style) -> String {
    let start = records[0].at;
    let now = start + seconds * 1000;
    let mut view = View::default();
    for record in records.iter().take_while(|record| record.at <= now) {
        view.apply(record);
    }
    let last = records.iter().all(|record| record.at <= now);
    let frame = Frame { now, width, height, style, turn: 0, last };
    let lines = tree::lines(&view, &frame);
    for line in &lines {
        assert!(text::width(line) < width, "too wide for {width} columns: {line:?}");
    }
    if let Some(height) = height {
        assert!(lines.len() <= height, "{} lines, {height} rows", lines.len());
    }
    lines.join("\n")
}

/// Several moments of a deployment, one below the other.
fn film(name: &str, moments: &[i64], width: usize, height: Option<usize>, style: Style) -> String {
    let records = recorded(name);
    let mut out = String::new();
    for seconds in moments {
        let title = format!("── {seconds}s ");
        let picture = frame(&records, *seconds, width, height, style).replace('\u{1b}', "␛");
        let rule = "─".repeat(width.saturating_sub(text::width(&title)));
        out.push_str(&format!("{title}{rule}\n{picture}\n"));
    }
    out
}

fn lines(name: &str, output: bool) -> String {
    let mut lines = Lines::new(PLAIN, output);
    recorded(name).iter().flat_map(|record| lines.line(record)).map(|line| line + "\n").collect()
}

#[test]
fn a_build_and_a_push() {
    insta::assert_snapshot!("build_push_80", film("build_push", &[3, 8, 28, 40, 90], 80, None, PLAIN));
    insta::assert_snapshot!("build_push_120", film("build_push", &[8, 90], 120, None, PLAIN));
    insta::assert_snapshot!("build_push_80_colour", film("build_push", &[8, 90], 80, None, COLOUR));
    insta::assert_snapshot!("build_push_lines", lines("build_push", false));
    insta::assert_snapshot!("build_push_lines_output", lines("build_push", true));
}

#[test]
fn a_new_service_behind_a_load_balancer() {
    insta::assert_snapshot!("create_80", film("create", &[40, 55, 85, 115, 200], 80, None, PLAIN));
    insta::assert_snapshot!("create_120", film("create", &[55, 115, 200], 120, None, PLAIN));
    insta::assert_snapshot!("create_80_colour", film("create", &[55, 200], 80, None, COLOUR));
    insta::assert_snapshot!("create_lines", lines("create", false));
}

#[test]
fn a_rolling_update() {
    insta::assert_snapshot!("update_80", film("update", &[5, 20, 43, 62, 83, 200], 80, None, PLAIN));
    insta::assert_snapshot!("update_120", film("update", &[43, 200], 120, None, PLAIN));
    insta::assert_snapshot!("update_120_colour", film("update", &[43, 200], 120, None, COLOUR));
    insta::assert_snapshot!("update_lines", lines("update", false));
}

#[test]
fn a_deployment_that_fails_and_is_taken_back() {
    insta::assert_snapshot!("failing_80", film("failing", &[50, 126, 134, 145, 300], 80, None, PLAIN));
    insta::assert_snapshot!("failing_120", film("failing", &[126, 300], 120, None, PLAIN));
    insta::assert_snapshot!("failing_80_colour", film("failing", &[126, 300], 80, None, COLOUR));
    insta::assert_snapshot!("failing_lines", lines("failing", false));
}

#[test]
fn a_canary_that_gets_a_part_of_the_traffic_first() {
    insta::assert_snapshot!(
        "canary_80",
        film("canary", &[40, 61, 64, 250, 670, 800, 990, 1100], 80, None, PLAIN)
    );
    insta::assert_snapshot!("canary_120", film("canary", &[250, 800, 1100], 120, None, PLAIN));
    insta::assert_snapshot!("canary_80_colour", film("canary", &[250, 800], 80, None, COLOUR));
    insta::assert_snapshot!("canary_120_colour", film("canary", &[250, 1100], 120, None, COLOUR));
    insta::assert_snapshot!("canary_lines", lines("canary", false));
}

#[test]
fn traffic_that_goes_over_in_steps() {
    insta::assert_snapshot!("linear_80", film("linear", &[65, 200, 500, 900, 1152, 1300], 80, None, PLAIN));
    insta::assert_snapshot!("linear_120", film("linear", &[65, 500, 1300], 120, None, PLAIN));
    insta::assert_snapshot!("linear_120_colour", film("linear", &[65, 500], 120, None, COLOUR));
    insta::assert_snapshot!("linear_lines", lines("linear", false));
}

#[test]
fn an_alarm_in_the_bake_time_takes_a_deployment_back() {
    insta::assert_snapshot!(
        "blue_green_alarm_80",
        film("blue_green_alarm", &[70, 200, 259, 280, 312, 400], 80, None, PLAIN)
    );
    insta::assert_snapshot!(
        "blue_green_alarm_120",
        film("blue_green_alarm", &[200, 280, 400], 120, None, PLAIN)
    );
    insta::assert_snapshot!(
        "blue_green_alarm_80_colour",
        film("blue_green_alarm", &[200, 280], 80, None, COLOUR)
    );
    insta::assert_snapshot!(
        "blue_green_alarm_120_colour",
        film("blue_green_alarm", &[280, 400], 120, None, COLOUR)
    );
    insta::assert_snapshot!("blue_green_alarm_lines", lines("blue_green_alarm", false));
}

#[test]
fn a_low_terminal_keeps_what_matters() {
    insta::assert_snapshot!("create_low", film("create", &[55, 85], 80, Some(10), PLAIN));
    insta::assert_snapshot!("failing_low", film("failing", &[126], 80, Some(8), PLAIN));
    insta::assert_snapshot!("canary_low", film("canary", &[250], 80, Some(7), PLAIN));
    // Every moment in every size: nothing panics, nothing is wider or higher than the terminal.
    for name in RECORDINGS {
        let records = recorded(name);
        let over = records.iter().map(|record| record.at).max().unwrap() - records[0].at;
        for seconds in (0..over / 1000 + 8).step_by(7) {
            for (width, height) in [(20, 4), (41, 9), (80, 24), (200, 60)] {
                frame(&records, seconds, width, Some(height), COLOUR);
            }
        }
    }
}

#[test]
fn without_colour_and_unicode_only_ascii_is_drawn() {
    let picture = frame(&recorded("failing"), 126, 80, None, Style::PLAIN);
    assert!(picture.is_ascii() && !picture.contains('\u{1b}'), "{picture}");
}

#[test]
fn records_survive_a_round_trip() {
    for name in RECORDINGS {
        for record in recorded(name) {
            assert_eq!(json::parse(&json::line(&record)).unwrap(), record);
        }
    }
}

#[test]
fn express_mode_is_told_and_counted() {
    insta::assert_snapshot!("express_80", film("express", &[20, 200], 80, None, PLAIN));
    insta::assert_snapshot!("express_lines", lines("express", false));
}
