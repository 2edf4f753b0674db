namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Training itself broke: it diverged, or a rank cannot go on.</summary>
internal sealed class TrainingFailure(string message, Exception? inner = null) : Exception(message, inner);
