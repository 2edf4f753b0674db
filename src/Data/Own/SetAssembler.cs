using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Makes data sets in memory.</summary>
internal sealed class SetAssembler(ImageOptions options, IProgress<int>? decoded, CancellationToken cancellationToken) : ISetAssembler
{
    /// <inheritdoc/>
    public DataSet OfImages(OwnSource source) => ImageAssembler.Read(source, options, decoded, cancellationToken);

    /// <inheritdoc/>
    public DataSet OfNumbers(string path, NumpyPart train, NumpyPart? test) => FloatAssembler.Read(path, train, test, options);
}
