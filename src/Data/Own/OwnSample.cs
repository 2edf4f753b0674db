using Lcnn.Distributed.Data.Decoding;

namespace Lcnn.Distributed.Data.Own;

/// <summary>One labelled image in its source, not decoded yet.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Label">From 0.</param>
/// <param name="Read">Decodes it, on any thread; <see cref="BadImageException"/> where that cannot be done.</param>
/// <param name="Bytes">What it keeps in memory until then.</param>
internal sealed record OwnSample(string Name, int Label, Func<Picture> Read, int Bytes = 0)
{
    /// <summary>A sample that cannot be used.</summary>
    public static OwnSample Bad(string name, string reason) => new(name, 0, () => throw new BadImageException(reason));
}
