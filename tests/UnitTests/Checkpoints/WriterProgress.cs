using System.IO.MemoryMappedFiles;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

/// <summary>A few bytes of memory that outlive the process which writes them.</summary>
internal sealed class WriterProgress : IDisposable
{
    private const int Length = 16;
    private const int StepOffset = 8;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public WriterProgress(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, mapName: null, Length);
        _view = _file.CreateViewAccessor();
    }

    /// <summary>What is being done.</summary>
    public WriterPhase Phase
    {
        get => (WriterPhase)_view.ReadByte(0);
        set => _view.Write(0, (byte)value);
    }

    /// <summary>The step that <c>latest</c> was last moved to.</summary>
    public long Pointed
    {
        get => _view.ReadInt64(StepOffset);
        set => _view.Write(StepOffset, value);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
