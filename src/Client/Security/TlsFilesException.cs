namespace Lcnn.Distributed.Client.Security;

/// <summary>Certificate files cannot be used; the message says which, why, and what to mend.</summary>
public sealed class TlsFilesException(string message, Exception? inner = null) : Exception(message, inner);
