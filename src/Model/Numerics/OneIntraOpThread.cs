using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Numerics;

/// <summary>One intra-op thread for whatever computes (promise P1).</summary>
/// <remarks>
/// The number is the calling thread's, but setting it also sets the default of the process, which libtorch gives a thread at its first
/// kernel or question, even over a number set before. Hence the question first. And hence no number is ever put back: a default
/// above one would reach threads that begin meanwhile, those of other workers included. Work on a borrowed thread moves to one of its own.
/// </remarks>
internal static class OneIntraOpThread
{
    /// <summary>One intra-op thread for the rest of the calling thread's life.</summary>
    public static void Claim()
    {
        get_num_threads();
        set_num_threads(1);
    }

    /// <summary>Runs on a thread made for it, so that the caller's keeps its number; throws what the function throws.</summary>
    public static T Run<T>(string name, Func<T> function)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Claim();
                result = function();
            }
            catch (Exception exception) // on this thread it would end the process
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        { Name = name, IsBackground = true };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }
}
