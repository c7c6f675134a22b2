//! DHCPv4 under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    wardline_fuzz::parse(wardline_fuzz::hostile::Parser::Dhcp, file);
});
