namespace Lcnn.Distributed.Contracts.Security;

/// <summary>The caller may not do that; nothing was done.</summary>
[GenerateSerializer, Alias("lcnn.AccessDeniedException")]
public sealed class AccessDeniedException(string message) : Exception(message);
