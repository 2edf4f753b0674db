using System.Runtime.InteropServices;
using Loader = System.Runtime.InteropServices.NativeLibrary;

namespace Lcnn.Distributed.Model.Native;

/// <summary>What libtorch writes on standard error by itself.</summary>
internal static class NativeWarnings
{
    private const string LevelVariable = "FLAGS_caffe2_log_level";
    private const int ErrorsOnly = 2; // c10/util/logging_is_not_google_glog.h

    private static readonly Lock _gate = new();
    private static nint? _level;
    private static int _initial;
    private static int _silencers;

    /// <summary>Has libtorch write errors alone until disposed; where its setting is not found, as it likes.</summary>
    public static IDisposable Silence()
    {
        lock (_gate)
        {
            _level ??= FindLevel();
            if (_level is { } level and not 0 && _silencers++ == 0)
            {
                _initial = Marshal.ReadInt32(level);
                Marshal.WriteInt32(level, ErrorsOnly);
            }
        }

        return new Silencer();
    }

    private static nint FindLevel()
    {
        NativeLibrary.Check(); // so that the copy found here is the one that is loaded
        var path = NativeLibrary.SearchFolders().Select(folder => Path.Combine(folder, NativeLibrary.FileName("c10"))).FirstOrDefault(File.Exists);
        return path is not null && Loader.TryLoad(path, out var library) && Loader.TryGetExport(library, LevelVariable, out var level) ? level : 0;
    }

    private sealed class Silencer : IDisposable
    {
        public void Dispose()
        {
            lock (_gate)
            {
                if (_level is { } level and not 0 && --_silencers == 0)
                {
                    Marshal.WriteInt32(level, _initial);
                }
            }
        }
    }
}
