using System.Globalization;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Where a run reads and writes: checks <c>--data-dir</c>, <c>--out</c>, <c>--resume</c> and <c>--overwrite</c> together.</summary>
internal sealed class LocalRunPaths(ArgumentReader reader, TrainOptions options, CliServices services) : IRunPaths
{
    private readonly string? _out = FullPath(reader.Text(options.Out), services);
    private readonly ResumeOption _resume = new(reader, options);
    private readonly bool _isOverwriting = reader.IsGiven(options.Overwrite);

    public string? Source => _resume.IsGiven ? FullPath(_resume.Folder, services) ?? _out : null;

    public RunSpec Place(RunSpec spec, RunFolderContent? content)
    {
        CheckText();
        _resume.Check(hasOut: _out is not null);
        CheckSource();
        CheckOut();
        CheckDataset(spec);
        return spec with
        {
            DataDirectory = reader.ExistingFolder(options.DataDirectory, services.WorkingDirectory) ?? spec.DataDirectory,
            OutputDirectory = _out ?? FreshFolder(spec),
            ResumeFrom = _resume.Choose(Source, content),
        };
    }

    private void CheckText()
    {
        foreach (var option in new[] { options.Out, options.Resume })
        {
            if (reader.OptionalText(option) is { } text && string.IsNullOrWhiteSpace(text))
            {
                reader.Add(option, "expected a folder, got an empty name");
            }
        }
    }

    private void CheckSource()
    {
        if (Source is not { } source || _resume.IsAuto)
        {
            return;
        }

        if (!OutputFolder.HasEntries(source))
        {
            reader.Add(options.Resume, Directory.Exists(source) ? $"the folder '{source}' holds no snapshot" : $"the folder '{source}' does not exist");
        }
        else if (_isOverwriting && _out is not null && RunRemoval.Takes(_out, source))
        {
            reader.Add(options.Overwrite, $"would remove the snapshot to go on from in '{source}'; leave out --overwrite or --resume");
        }
    }

    private void CheckOut()
    {
        var folder = _out ?? Path.Combine(services.WorkingDirectory, OutputFolder.Root);
        if (OutputFolder.WhyNotWritable(folder) is { } reason)
        {
            reader.Add(options.Out, reason);
        }
        else if (_out is not null && _isOverwriting && RunRemoval.ForeignFiles(_out) is [_, ..] foreign)
        {
            reader.Add(options.Out, $"the folder '{_out}' holds {string.Join(" and ", foreign)}, which a run would replace, but no run that wrote it; move it away or choose another folder");
        }
        else if (_out is not null && _resume.Folder is not null && !_isOverwriting && !OutputFolder.IsOwn(_out, Source!) && OutputFolder.HasEntries(_out))
        {
            reader.Add(options.Out, $"the folder '{_out}' is not empty, and '{Source}' is no snapshot of its run; choose another folder or replace its run with --overwrite");
        }
        else if (_out is not null && !_resume.IsGiven && !_isOverwriting && OutputFolder.HasEntries(_out))
        {
            reader.Add(options.Out, $"the folder '{_out}' is not empty; go on from its latest snapshot with --resume or replace its run with --overwrite");
        }
    }

    private void CheckDataset(RunSpec spec)
    {
        if (reader.IsGiven(options.Dataset) && Names.IsDatasetPath(spec.Dataset) && !Path.Exists(spec.Dataset))
        {
            reader.Add(options.Dataset, $"'{spec.Dataset}' does not exist; give a name ({string.Join(", ", Names.Datasets)}) or the path of your images");
        }
    }

    private string FreshFolder(RunSpec spec)
    {
        var time = services.Clock.GetLocalNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        return Path.Combine(services.WorkingDirectory, OutputFolder.Root, $"{Names.DatasetTitle(spec.Dataset)}-{spec.Architecture}-{time}");
    }

    private static string? FullPath(string? path, CliServices services) =>
        string.IsNullOrWhiteSpace(path) ? null : Path.GetFullPath(path, services.WorkingDirectory);
}
