//! Who was it: device and session timelines, asked by sighting and time.
