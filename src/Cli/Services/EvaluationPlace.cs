namespace Lcnn.Distributed.Cli.Services;

/// <summary>Which workers measure.</summary>
/// <param name="Place">Where they are.</param>
/// <param name="Workers">How many; null for as many as the model was trained by.</param>
/// <param name="Threads">Of each; 0 for its silo's cores over the workers there.</param>
internal sealed record EvaluationPlace(RunPlace Place, int? Workers, int Threads)
{
    /// <summary>Whether folders are those of other machines.</summary>
    public bool IsRemote => Place is RunPlace.Cluster;
}
