using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>--resume</c> as it was typed: alone, with a folder, or with <c>auto</c>.</summary>
internal sealed class ResumeOption
{
    private readonly ArgumentReader _reader;
    private readonly TrainOptions _options;

    public ResumeOption(ArgumentReader reader, TrainOptions options)
    {
        (_reader, _options) = (reader, options);
        IsGiven = reader.IsGiven(options.Resume);
        var text = reader.OptionalText(options.Resume);
        IsAuto = text == IRunPaths.Auto;
        Folder = IsAuto || string.IsNullOrWhiteSpace(text) ? null : text;
    }

    public bool IsGiven { get; }

    public bool IsAuto { get; }

    /// <summary>The folder that was named; null for that of <c>--out</c>.</summary>
    public string? Folder { get; }

    /// <summary>Names what is wrong with the options alone.</summary>
    public void Check(bool hasOut)
    {
        if (!IsGiven)
        {
            return;
        }

        if (IsAuto && _reader.IsGiven(_options.Overwrite))
        {
            _reader.Add(_options.Resume, "'auto' goes on where there is something, which --overwrite would remove; give one of the two");
        }

        if (Folder is null && !hasOut)
        {
            _reader.Add(_options.Resume, IsAuto
                ? "'auto' needs --out with the folder to go on in, or to start in"
                : "expected --out with the folder of the run to go on, or that folder as --resume FOLDER");
        }
    }

    /// <summary>What the run goes on from; null where it starts afresh.</summary>
    /// <param name="source">The folder.</param>
    /// <param name="content">What is in it.</param>
    public string? Choose(string? source, RunFolderContent? content)
    {
        if (!IsAuto || content is null)
        {
            return IsGiven ? source : null;
        }

        if (content.Problem is { } problem)
        {
            _reader.Add(_options.Resume, problem);
        }
        else if (content is { Snapshot: null, HasEntries: true })
        {
            _reader.Add(_options.Out, $"the folder '{source}' is not empty and holds no snapshot to go on from; choose another, or remove what is in it");
        }

        return content.Snapshot is null ? null : source;
    }
}
