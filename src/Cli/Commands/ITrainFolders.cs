using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Where a run reads and writes.</summary>
internal interface ITrainFolders
{
    /// <summary>The spec of the run that is to go on, if it can be told.</summary>
    RunSpec? FindResumed();

    /// <summary>The spec with its folders.</summary>
    RunSpec Place(RunSpec spec);
}
