#define BOOST_TEST_MODULE beastws
#include <boost/test/included/unit_test.hpp>
