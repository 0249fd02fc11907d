//! Any bytes as a Dockerfile: parsed, dumped, lowered, coloured.
#![no_main]

use bottleship::base::Source;
use bottleship::dockerfile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let source = Source::new("Dockerfile", bytes);
    let ast = dockerfile::parse(&source);
    let _ = ast.dump();
    for stage in dockerfile::lower(&ast).dockerfile.stages {
        for instruction in stage.instructions {
            if let dockerfile::instruction::Kind::Onbuild(text) = instruction.kind {
                let _ = dockerfile::lower_trigger(&text);
            }
        }
    }
    for (span, _) in dockerfile::highlight(&source) {
        assert!(span.start < span.end && span.end as usize <= bytes.len());
    }
});
