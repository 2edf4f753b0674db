namespace Lcnn.Distributed.Data.Decoding;

/// <summary>An image that cannot be used, and why; who knows its name tells it.</summary>
internal sealed class BadImageException(string reason) : Exception(reason);
