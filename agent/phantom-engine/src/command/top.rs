use std::io::{IsTerminal as _, Stdout, Write as _, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyModifiers, poll, read};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{cursor, execute, queue};
use phantom_engine::operate::{Request, ask};

use super::Failure;
use super::trees::{Line, lines};

const EVERY: Duration = Duration::from_secs(1);

pub fn top(control: &Path, once: bool) -> Result<ExitCode, Failure> {
    let mut out = stdout();
    if once || !out.is_terminal() {
        for line in lines(&ask(control, Request::Trees)?) {
            writeln!(out, "{}", line.text)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    // Asked first: a sentence would be lost with the other screen.
    ask(control, Request::Status)?;
    let mut screen = Screen::take()?;
    show(control, &mut screen)?;
    Ok(ExitCode::SUCCESS)
}

/// Until `q`, Escape or Ctrl-C.
fn show(control: &Path, screen: &mut Screen) -> Result<(), Failure> {
    loop {
        let status = ask(control, Request::Status)?;
        let head = format!(
            "vantio-agent on {}: {} processes, {} recorded, {} queued · q ends",
            status["node"].as_str().unwrap_or("?"),
            status["processes"],
            status["counters"]["recorded"],
            status["counters"]["queued"],
        );
        let body = lines(&ask(control, Request::Trees)?);
        screen.draw([Line::new(head), Line::new("")].into_iter().chain(body).collect())?;
        if poll(EVERY)?
            && let Event::Key(key) = read()?
        {
            let is_interrupt =
                key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
            if is_interrupt || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc) {
                return Ok(());
            }
        }
    }
}

/// The terminal, given back as it was however this ends.
struct Screen(Stdout);

impl Screen {
    fn take() -> std::io::Result<Self> {
        enable_raw_mode()?;
        let mut screen = Self(stdout());
        execute!(screen.0, EnterAlternateScreen, cursor::Hide)?;
        Ok(screen)
    }

    /// In one piece, so that nothing flickers.
    fn draw(&mut self, lines: Vec<Line>) -> std::io::Result<()> {
        let (width, height) = size()?;
        let mut frame = Vec::new();
        let shown = fit(lines, usize::from(width), usize::from(height));
        let shown = shown.iter().map(String::as_str).chain(std::iter::repeat(""));
        for (row, line) in (0..height).zip(shown) {
            queue!(frame, cursor::MoveTo(0, row), Clear(ClearType::CurrentLine))?;
            write!(frame, "{line}")?;
        }
        self.0.write_all(&frame)?;
        self.0.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = execute!(self.0, cursor::Show, LeaveAlternateScreen);
        let _ = disable_raw_mode();
    }
}

/// What there is room for. Processes that have ended give way first; the last line says how much is not shown.
fn fit(mut lines: Vec<Line>, width: usize, height: usize) -> Vec<String> {
    let all = lines.len();
    if all > height {
        lines.retain(|line| !line.has_ended);
        lines.truncate(height.saturating_sub(1));
        let more = all - lines.len();
        lines.push(Line::new(format!("… {more} more: vantio-agent top --once prints all")));
    }
    lines.iter().map(|line| line.text.chars().take(width).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_and_what_has_no_room_is_counted_that_of_ended_processes_first() {
        let lines = || {
            let ended = Line { text: "ended".to_owned(), has_ended: true };
            vec![Line::new("head"), ended, Line::new("first"), Line::new("second")]
        };
        assert_eq!(fit(lines(), 3, 4), ["hea", "end", "fir", "sec"]);
        assert_eq!(fit(lines(), 9, 3), ["head", "first", "… 2 more:"]);
        assert_eq!(fit(lines(), 9, 1), ["… 4 more:"]);
    }
}
