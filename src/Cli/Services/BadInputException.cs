namespace Lcnn.Distributed.Cli.Services;

/// <summary>The user's arguments or data cannot be worked with; the message tells what to change.</summary>
internal sealed class BadInputException(string message, Exception? innerException = null) : Exception(message, innerException);
