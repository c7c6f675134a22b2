//! The filter over frames in words, and over captures.

use super::*;

fn filter() -> Filter {
    let tls = wire::Settings::default().tls_ports;
    Filter::new(Ports::new(&[53], &tls, &[]), 16_384).expect("a program")
}

#[test]
fn the_usual_program_is_small() {
    let length = filter().instructions().len();
    println!("{length} instructions");
    assert!(length < 600, "{length} instructions");
}
