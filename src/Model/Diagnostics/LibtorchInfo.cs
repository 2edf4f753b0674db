using Lcnn.Distributed.Model.Native;
using TorchSharp;

namespace Lcnn.Distributed.Model.Diagnostics;

/// <summary>Versions of what is loaded; touch it after <see cref="NativeLibrary.Check()"/> only.</summary>
internal static class LibtorchInfo
{
    public static string Version => torch.__version__;

    public static string TorchSharpVersion => typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "unknown";
}
