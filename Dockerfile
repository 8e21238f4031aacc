# containerception in a container of docker's:
#
#     docker build --tag containerception .
#     docker run --privileged containerception containerception run ps aux
#
# Without --privileged an error names the options that are needed: docs/docker.md.

# Anything with Rust, gcc and libc.a (Debian: libc6-dev) will do; its programs are what the image is made of.
ARG BUILDER=rust:1.95.0-bookworm
FROM ${BUILDER} AS builder
WORKDIR /source
COPY . .
# `init` copies programs with the libraries that they need: nothing has to be downloaded for the image itself. It wants
# a directory of root's alone, as it must on a machine with other users.
RUN cargo build --release --locked --package containerception \
    && mkdir --mode 0700 /image \
    && cp target/*/release/containerception /usr/local/bin/ \
    && containerception init /image/root /usr/local/bin/containerception

FROM scratch
COPY --from=builder /image/root/ /
CMD ["containerception", "run", "ps", "aux"]
