using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Folders of a run elsewhere: passed on as typed, since only the silos can tell what is there.</summary>
internal sealed class RemoteRunPaths(ArgumentReader reader, TrainOptions options) : IRunPaths
{
    private readonly ResumeOption _resume = new(reader, options);

    public string? Source => _resume.IsGiven ? _resume.Folder ?? reader.OptionalText(options.Out) : null;

    public RunSpec Place(RunSpec spec, RunFolderContent? content)
    {
        var output = reader.Text(options.Out);
        foreach (var option in new[] { options.Out, options.Resume, options.DataDirectory })
        {
            if (reader.OptionalText(option) is { } text && string.IsNullOrWhiteSpace(text))
            {
                reader.Add(option, "expected a folder, got an empty name");
            }
        }

        if (reader.IsGiven(options.Overwrite))
        {
            reader.Add(options.Overwrite, "removes files on this machine only, not on a cluster; give another --out");
        }

        _resume.Check(hasOut: output is not null);
        return spec with
        {
            DataDirectory = reader.Text(options.DataDirectory) ?? spec.DataDirectory,
            OutputDirectory = output ?? "", // the run's id names a fresh one
            ResumeFrom = _resume.Choose(Source, content),
        };
    }
}
