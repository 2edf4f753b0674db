using Google.Protobuf;
using Lcnn.Distributed.Contracts.Runs;
using ProtobufValue = Google.Protobuf.WellKnownTypes.Value;

namespace Lcnn.Distributed.Client.Recording.TensorBoard;

/// <summary>What TensorBoard's page of hyper-parameters reads: summary values whose metadata are messages of its <c>plugins/hparams/plugin_data.proto</c> and <c>api.proto</c>.</summary>
internal static class Hyperparameters
{
    private const string Plugin = "hparams";
    private static readonly string[] _metrics = ["test/accuracy", "test/loss", "final/curvature", "final/hessianNorm", "final/gradNorm"];

    private enum DataType
    {
        Text = 1,
        Flag = 2,
        Number = 3,
    }

    private enum Status
    {
        Success = 1,
        Failure = 2,
    }

    /// <summary>The values that say what a run was asked for.</summary>
    public static IEnumerable<byte[]> Begin(RunStarted started)
    {
        var parameters = RunSpecOptions.All.Select(option => (option.Name, Value: option.Get(started.Spec))).Where(option => option.Value is not null).ToList();
        yield return Marker("_hparams_/experiment", 2, experiment =>
        {
            foreach (var (name, value) in parameters)
            {
                experiment.Field(4, parameter =>
                {
                    parameter.Field(1, name);
                    parameter.Field(4, (long)TypeOf(value!));
                });
            }

            foreach (var tag in _metrics)
            {
                experiment.Field(5, metric => metric.Field(1, name => name.Field(2, tag)));
            }
        });
        yield return Marker("_hparams_/session_start_info", 3, start =>
        {
            foreach (var (name, value) in parameters)
            {
                start.Field(1, pair =>
                {
                    pair.Field(1, name);
                    pair.Field(2, Wrap(value!).ToByteArray());
                });
            }

            start.Field(5, EventFile.Seconds(started.Time));
        });
    }

    /// <summary>The value that says how it ended.</summary>
    public static IEnumerable<byte[]> End(RunEvent final)
    {
        yield return Marker("_hparams_/session_end_info", 4, end =>
        {
            end.Field(1, (long)(final is RunCompleted ? Status.Success : Status.Failure));
            end.Field(2, EventFile.Seconds(final.Time));
        });
    }

    // summary.proto: tag, and in the metadata the plugin's name and its own message, of which one field is set.
    private static byte[] Marker(string tag, int field, Action<CodedOutputStream> write) => ProtobufFields.Message(value =>
    {
        value.Field(1, tag);
        value.Field(9, metadata => metadata.Field(1, plugin =>
        {
            plugin.Field(1, Plugin);
            plugin.Field(2, content => content.Field(field, write));
        }));
    });

    private static DataType TypeOf(OptionValue value) => value.AsNumber is not null ? DataType.Number : value.Flag is not null ? DataType.Flag : DataType.Text;

    private static ProtobufValue Wrap(OptionValue value) => value.AsNumber is { } number ? ProtobufValue.ForNumber(number)
        : value.Flag is { } flag ? ProtobufValue.ForBool(flag)
        : ProtobufValue.ForString(value.Text);
}
