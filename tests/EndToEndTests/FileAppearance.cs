namespace Lcnn.Distributed.EndToEndTests;

/// <summary>A file that is not there yet.</summary>
internal sealed class FileAppearance : IDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(5);

    private readonly TaskCompletionSource _appeared = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FileSystemWatcher _watcher;
    private readonly string _path;

    /// <summary>Begins to watch the folder, which is there.</summary>
    public FileAppearance(string folder, string name)
    {
        _path = Path.Combine(folder, name);
        _watcher = new FileSystemWatcher(folder, name);
        _watcher.Created += (_, _) => _appeared.TrySetResult();
        _watcher.Renamed += (_, _) => _appeared.TrySetResult();
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Returns when it is there.</summary>
    public Task WaitAsync() => File.Exists(_path) ? Task.CompletedTask : _appeared.Task.WaitAsync(_timeout, TestContext.Current.CancellationToken);

    public void Dispose() => _watcher.Dispose();
}
