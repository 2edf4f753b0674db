using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Folders of a run elsewhere: passed on as typed, since only the silos can tell what is there.</summary>
internal sealed class RemoteFolders(ArgumentReader reader, TrainOptions options) : ITrainFolders
{
    public RunSpec? FindResumed() => null;

    public RunSpec Place(RunSpec spec)
    {
        var output = reader.Text(options.Out);
        var resumeFrom = reader.OptionalText(options.Resume) ?? output;
        foreach (var option in new[] { options.Out, options.Resume, options.DataDirectory })
        {
            if (reader.OptionalText(option) is { } text && string.IsNullOrWhiteSpace(text))
            {
                reader.Add(option, "expected a folder, got an empty name");
            }
        }

        if (reader.IsGiven(options.Resume) && resumeFrom is null)
        {
            reader.Add(options.Resume, "expected --out with the folder of the run to go on, or that folder as --resume FOLDER");
        }

        if (reader.IsGiven(options.Overwrite))
        {
            reader.Add(options.Overwrite, "removes files on this machine only, not on a cluster; give another --out");
        }

        return spec with
        {
            DataDirectory = reader.Text(options.DataDirectory),
            OutputDirectory = output ?? "", // the run's id names a fresh one
            ResumeFrom = reader.IsGiven(options.Resume) ? resumeFrom : null,
        };
    }
}
