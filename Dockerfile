# The program lcnn with everything it needs: .NET's runtime and libtorch are inside, precompiled, and no SDK.
#   docker build --target cpu -t lcnn:cpu .
#   docker build --target cuda -t lcnn:cuda .   # never built by the tests: the CUDA packages are several GB, and no GPU has run it
# SDK: an image with the .NET 10 SDK. BASE: one with glibc, libstdc++, OpenSSL and CA certificates; it needs no shell and no .NET.
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0
ARG BASE=mcr.microsoft.com/dotnet/runtime-deps:10.0

FROM ${SDK} AS source
WORKDIR /source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
COPY . .

FROM source AS publish-cpu
RUN dotnet publish src/Cli -c Release -r linux-x64 --self-contained -p:PublishReadyToRun=true -p:PublishDocumentationFiles=false -p:LcnnBackend=cpu -o /lcnn

FROM source AS publish-cuda
RUN dotnet publish src/Cli -c Release -r linux-x64 --self-contained -p:PublishReadyToRun=true -p:PublishDocumentationFiles=false -p:LcnnBackend=cuda -o /lcnn

FROM ${BASE} AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="lcnn" \
      org.opencontainers.image.description="Trains low-curvature neural networks on many workers, with the same result as on one" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# What ./lcnn sets, for the reasons that it gives; nothing is written but to /runs and /tmp.
ENV DOTNET_GCgen0size=0x400000 \
    DOTNET_TC_CallCountThreshold=0x400 \
    HOME=/tmp \
    PATH=/opt/lcnn:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /runs
USER 65532:65532
EXPOSE 11111 11112 30000 8080
ENTRYPOINT ["/opt/lcnn/lcnn"]
CMD ["--help"]

FROM runtime AS cpu
COPY --from=publish-cpu /lcnn /opt/lcnn

# The driver comes from the node, through NVIDIA's container toolkit.
FROM runtime AS cuda
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=publish-cuda /lcnn /opt/lcnn
