using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Where a run reads and writes.</summary>
internal interface IRunPaths
{
    /// <summary>The word that stands for "where there is something to go on from".</summary>
    const string Auto = "auto";

    /// <summary>The folder that the run is to go on from; null when it starts afresh.</summary>
    string? Source { get; }

    /// <summary>The spec with its folders.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="content">What is in <see cref="Source"/>; null when there is none, or when that is not known yet.</param>
    RunSpec Place(RunSpec spec, RunFolderContent? content);
}
