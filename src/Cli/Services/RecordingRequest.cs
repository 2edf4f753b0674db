namespace Lcnn.Distributed.Cli.Services;

/// <summary>Where else a run is recorded.</summary>
/// <param name="TensorBoard">Full path of a folder; null for none.</param>
/// <param name="Mlflow">Address of a server; null for none.</param>
internal sealed record RecordingRequest(string? TensorBoard = null, Uri? Mlflow = null);
