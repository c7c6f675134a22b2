//! Whole streams and whole captures under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    wardline_fuzz::feed(file);
});
