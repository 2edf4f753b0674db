namespace Lcnn.Distributed.Model.Data;

/// <summary>The bytes of one CIFAR file and where they came from, for messages.</summary>
internal sealed record CifarPart(string Path, byte[] Bytes);
