//! The `wardline-dashboard` binary.

fn main() -> std::process::ExitCode {
    wardline_dashboard::main()
}
