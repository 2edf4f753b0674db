namespace Lcnn.Distributed.Grains.Claims;

/// <summary>A run or sweep cannot have its folder.</summary>
internal sealed class FolderInUseException(string message) : Exception(message);
