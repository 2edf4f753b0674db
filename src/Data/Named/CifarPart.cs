namespace Lcnn.Distributed.Data.Named;

/// <summary>The bytes of one CIFAR file and where they came from, for messages.</summary>
internal sealed record CifarPart(string Path, byte[] Bytes);
