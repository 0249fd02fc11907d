# syntax=docker/dockerfile:1
FROM rust:1.87
WORKDIR /src
COPY . .
RUN cargo build --release
ENTRYPOINT ["/src/target/release/wordcount"]
