namespace Lcnn.Distributed.Client.Recording.Mlflow;

/// <summary>The server will not take it, however often it is asked.</summary>
internal sealed class MlflowRefusedException(string message) : Exception(message);
